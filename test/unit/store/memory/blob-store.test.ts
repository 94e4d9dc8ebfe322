import { openMemoryBlobStore } from '../../../../src/store/memory/blob-store.ts';
import { describeBlobStore } from '../../../contract/blob-store.ts';

describeBlobStore('memory', openMemoryBlobStore);

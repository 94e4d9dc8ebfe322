import type { Position } from '../../model/ids.ts';
import type { ArtifactScope } from '../../model/lineage.ts';

/** A task that ended well, as later tasks see it. */
export interface TaskRecord {
  readonly step: string;
  readonly position: Position;
  readonly scope: ArtifactScope;
}

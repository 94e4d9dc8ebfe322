/** A flow class as a type argument: `new Run<typeof Weather>(…)` types what is read. */
export type FlowClass = abstract new (...args: never[]) => object;

/** The artifacts and parameters of a flow: its public fields. Of an unknown flow: anything. */
export type ArtifactsOf<F extends FlowClass> = FlowClass extends F
  ? { readonly [name: string]: unknown }
  : FieldsOf<InstanceType<F>>;

/** The names of a flow's steps. Of an unknown flow: any. */
export type StepNameOf<F extends FlowClass> = FlowClass extends F
  ? string
  : keyof StepsOf<InstanceType<F>> & string;

type FieldsOf<I> = {
  readonly [K in keyof I as I[K] extends Method ? never : K extends Inherited ? never : K]: I[K];
};

type StepsOf<I> = {
  readonly [K in keyof I as I[K] extends Method ? (K extends Inherited ? never : K) : never]: I[K];
};

type Method = (...args: never[]) => unknown;
/** What every flow has from FlowSpec. */
type Inherited = 'input' | 'index' | 'next' | 'foreachStack' | 'mergeArtifacts';

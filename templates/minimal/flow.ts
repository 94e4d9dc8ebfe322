import { FlowSpec, param, step } from 'millrace';

/** Greets somebody: two steps, one parameter, one artifact. */
export class Hello extends FlowSpec {
  readonly name = param.string({ default: 'world', help: 'who is greeted' });

  greeting = '';

  @step start() {
    this.greeting = `Hello, ${this.name}!`;
    this.next(this.end);
  }

  @step end() {
    console.log(this.greeting);
  }
}

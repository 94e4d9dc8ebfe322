import { FlowSpec, param, step } from 'millrace';

/** The smallest flow: three steps in a row. A public field is an artifact that later steps see. */
export class Hello extends FlowSpec {
  readonly name = param.string({ default: 'world', help: 'whom to greet' });

  greeting = '';

  @step start() {
    this.greeting = `Hello, ${this.name}!`;
    this.next(this.shout);
  }

  @step shout() {
    this.greeting = this.greeting.toUpperCase();
    this.next(this.end);
  }

  @step end() {
    console.log(this.greeting);
  }
}

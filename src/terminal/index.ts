export { isUsageError, type Order, parseArguments, type UsageError } from './arguments.ts';
export { branchFiles, type Checkout, environmentOf, gitIn, readCheckout } from './checkout.ts';
export { environmentNames } from './environments.ts';

export { Z as closeKilled, Q as endDeployments, $ as environmentName, et as recordDeployment, tt as settleDeployment, nt as stateOf } from "./steps.js";

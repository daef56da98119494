export { G as closeKilled, K as endDeployments, q as environmentName, J as recordDeployment, Y as settleDeployment, X as stateOf } from "./steps.js";

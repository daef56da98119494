export { W as closeKilled, G as endDeployments, K as environmentName, q as recordDeployment, J as settleDeployment, Y as stateOf } from "./steps.js";

export { Bt as closeKilled, Vt as endDeployments, Ht as environmentName, Ut as recordDeployment, Wt as settleDeployment, Gt as stateOf } from "./steps.js";

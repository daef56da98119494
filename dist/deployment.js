export { zt as closeKilled, Bt as endDeployments, Vt as environmentName, Ht as recordDeployment, Ut as settleDeployment, Wt as stateOf } from "./steps.js";

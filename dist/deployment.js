export { St as closeKilled, Ct as endDeployments, wt as environmentName, Tt as recordDeployment, Et as settleDeployment, Dt as stateOf } from "./steps.js";

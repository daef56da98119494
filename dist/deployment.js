export { xt as closeKilled, St as endDeployments, Ct as environmentName, wt as recordDeployment, Tt as settleDeployment, Et as stateOf } from "./steps.js";

export { yt as closeKilled, bt as endDeployments, xt as environmentName, St as recordDeployment, Ct as settleDeployment, wt as stateOf } from "./steps.js";

export { Yt as closeKilled, Xt as endDeployments, Zt as environmentName, Qt as recordDeployment, $t as settleDeployment, en as stateOf } from "./steps.js";

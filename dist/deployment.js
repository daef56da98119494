export { t as closeKilled, n as endDeployments, r as environmentName, i as recordDeployment, a as settleDeployment, o as stateOf } from "./deployment2.js";

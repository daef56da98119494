export { Tt as closeKilled, Et as endDeployments, Dt as environmentName, Ot as recordDeployment, kt as settleDeployment, At as stateOf } from "./steps.js";

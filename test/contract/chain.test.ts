import { chainContract } from "./chain-contract";
import { gridUnderTest } from "./endpoints";

chainContract(gridUnderTest("chain"));

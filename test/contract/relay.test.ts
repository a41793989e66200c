import { gridUnderTest } from "./endpoints";
import { relayContract } from "./relay-contract";

relayContract(gridUnderTest("relay"));

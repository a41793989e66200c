import { directoryContract } from "./directory-contract";
import { gridUnderTest } from "./endpoints";

directoryContract(gridUnderTest("directory"));

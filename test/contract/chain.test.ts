import { chainContract } from "./chain-contract";
import { devgridChain } from "./devgrid-chain";
import { namedEndpoints } from "./endpoints";

const { chain, secret } = namedEndpoints();

if (chain === undefined) chainContract("devgrid", devgridChain);
else chainContract(new URL(chain).host, async () => ({ url: chain, secret, close: async () => undefined }));

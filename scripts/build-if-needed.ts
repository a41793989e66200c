/** Builds the package unless what is in dist/ is younger than its sources: the set-up of `npm test`. */
import { execSync } from "node:child_process";
import { resolve } from "node:path";
import { needsBuild } from "./bundle/needs-build";

const root = resolve(__dirname, "..");
if (needsBuild(root)) execSync("npm run build", { cwd: root, stdio: "inherit" });

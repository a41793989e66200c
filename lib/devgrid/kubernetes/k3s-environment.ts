import { createHash } from "node:crypto";
import { CLUSTER_ENV, fileVariable, K3S_ENV } from "../../model/kubernetes/machine-env";
import type { ClusterFile } from "../../model/kubernetes/secret-names";
import type { MachineBoot } from "../node/runtime/machine-host";

/** Images that start k3s as the official one does: told by their name, as nothing is downloaded. */
export function isK3sImage(flist: string): boolean {
  return /(^|[-_])k3s[-_.]/.test(flist.slice(flist.lastIndexOf("/") + 1));
}

/** What the boot script and k3s read from a machine's environment. */
export class K3sEnvironment {
  readonly #boot: MachineBoot;

  constructor(boot: MachineBoot) {
    this.#boot = boot;
  }

  /** The image starts a server exactly when there is no URL. */
  get isServer(): boolean {
    return this.#of(K3S_ENV.url) === "";
  }

  /** User's name for the cluster, "" for one that was made otherwise. */
  get clusterName(): string {
    return this.#of(CLUSTER_ENV.name);
  }

  /** Name of the machine, which a replacement keeps. */
  get machine(): string {
    return this.#of(K3S_ENV.nodeName) || this.#boot.id;
  }

  /** Servers that it may join, in the order in which it asks them. */
  get others(): readonly string[] {
    const servers = this.#words(CLUSTER_ENV.servers);
    const own = servers.indexOf(this.#boot.ip);
    if (this.isServer) return own < 0 ? servers : [...servers.slice(0, own).reverse(), ...servers.slice(own + 1)];
    const [host = ""] = /(?<=^https:\/\/)[^:/]+/.exec(this.#of(K3S_ENV.url)) ?? [];
    return servers.length > 0 ? servers : [host];
  }

  /** Whether it founds a cluster when nobody answers. */
  get mayFound(): boolean {
    return this.isServer && ["", "1"].includes(this.#of(CLUSTER_ENV.server));
  }

  /** What it shows when it joins. */
  get token(): string {
    return this.#of(K3S_ENV.token);
  }

  /** What a server takes from workers beside its own token. */
  get agentToken(): string {
    return this.#of(K3S_ENV.agentToken) || this.token;
  }

  /** What its node name is kept by. */
  get nodePassword(): string {
    return this.#of(K3S_ENV.nodePassword);
  }

  /** Names and addresses of the API beside those of the machine. */
  get names(): readonly string[] {
    return this.#words(CLUSTER_ENV.names);
  }

  /** Workload id of the disk that holds the cluster's data. */
  get dataDisk(): string {
    return this.#boot.mounts[this.#of(K3S_ENV.dataDir)] ?? this.#boot.id;
  }

  /** Name of its node: with the boot script a server has a part that goes with its disk. */
  get nodeName(): string {
    if (!this.isServer || !this.#of(CLUSTER_ENV.server)) return this.machine;
    return `${this.machine}-${createHash("sha256").update(this.dataDisk).digest("hex").slice(0, 5)}`;
  }

  /** A derived file; "" where there is none. */
  file(name: ClusterFile): string {
    return this.#of(fileVariable(name));
  }

  /** Labels among its options. */
  get labels(): Readonly<Record<string, string>> {
    const [, list = "[]"] = /^node-label: (\[.*\])$/m.exec(this.#of(CLUSTER_ENV.config)) ?? [];
    const labels = JSON.parse(list) as string[];
    return Object.fromEntries(labels.map((label) => [label.split("=")[0], label.slice(label.indexOf("=") + 1)]));
  }

  #of(name: string): string {
    return this.#boot.env[name] ?? "";
  }

  #words(name: string): readonly string[] {
    return this.#of(name).split(" ").filter(Boolean);
  }
}

/** A graphics card as a node reports it. */
export interface GpuFacts {
  /** PCI slot / vendor / device: `0000:28:00.0/1002/731f`. */
  readonly id: string;
  /** Vendor name. */
  readonly vendor: string;
  /** Device name. */
  readonly device: string;
  /** The contract that holds it; 0 when free. */
  readonly contract: number;
}

/** What the directory learns from a node itself: the real one asks for it over the message bus now and then. */
export interface NodeFacts {
  /** False while the node is cut off: it reports nothing and answers nothing. */
  readonly isOnline: boolean;
  /** Last diagnostics report; undefined when the node was never checked. */
  readonly isHealthy: boolean | undefined;
  /** Workload types and networks it offers. */
  readonly features: readonly string[];
  /** Its graphics cards. */
  readonly gpus: readonly GpuFacts[];
  /** Whether it measured a public IPv6 address of its own. */
  readonly hasIpv6: boolean;
  /** Workloads that run now, everyone's. */
  readonly workloadCount: number;
  /** The node's live answer to `zos.statistics.get`. */
  statistics(): unknown;
}

/** Finds the facts of a node by its number; undefined when no emulated node stands behind it. */
export type NodeFactsSource = (nodeId: number) => NodeFacts | undefined;

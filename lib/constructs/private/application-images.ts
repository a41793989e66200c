import type { ImageFacts } from "./official-images";

/** What is known of an image with an application in it. */
export interface ApplicationFacts extends ImageFacts {
  readonly cpu: number;
  readonly memoryGib: number;
  /** Data disks, least sizes in GiB by mount point. */
  readonly disks?: Readonly<Record<string, number>>;
  /** Variables it does not start without. */
  readonly env: readonly string[];
  /** Where it serves HTTP; undefined when it does not. */
  readonly port?: number;
  /** Reached by a public IPv4 of its own only. */
  readonly publicIpv4?: boolean;
}

const DOCKER = "/var/lib/docker";

function official(name: string): { readonly path: string; readonly entrypoint: string } {
  return { path: `tf-official-apps/${name}`, entrypoint: "/sbin/zinit init" };
}

function names(prefix: string, ...rest: readonly string[]): string[] {
  return rest.map((name) => `${prefix}${name}`);
}

/**
 * Applications that the grid's dashboard offers, with the least it offers them: cores, memory, disks, variables.
 *
 * @source threefoldtech/tfgrid-sdk-ts dashboard, October 2024
 */
export const applicationImages = {
  algorand: { ...official("algorand-latest"), cpu: 2, memoryGib: 4, rootSizeGib: 100, env: ["NETWORK", "NODE_TYPE"] },
  caprover: {
    ...official("tf-caprover-latest"),
    cpu: 1,
    memoryGib: 2,
    disks: { [DOCKER]: 50 },
    env: ["PUBLIC_KEY", "SWM_NODE_MODE"],
    publicIpv4: true,
  },
  casperlabs: {
    ...official("casperlabs-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { "/data": 100 },
    env: ["CASPERLABS_HOSTNAME"],
    port: 80,
  },
  discourse: {
    ...official("forum-docker-v3.1.2"),
    cpu: 2,
    memoryGib: 4,
    disks: { [DOCKER]: 50 },
    env: [
      ...names("DISCOURSE_", "HOSTNAME", "DEVELOPER_EMAILS"),
      ...names("DISCOURSE_SMTP_", "ADDRESS", "PORT", "ENABLE_START_TLS", "USER_NAME", "PASSWORD"),
      ...["THREEBOT_PRIVATE_KEY", "FLASK_SECRET_KEY"],
    ],
    port: 88,
  },
  freeflow: {
    path: "lennertapp2.3bot/threefoldjimber-freeflow-latest",
    entrypoint: "/sbin/zinit init",
    cpu: 1,
    memoryGib: 4,
    disks: { "/disk": 100 },
    env: ["USER_ID", "DIGITALTWIN_APPID", "NODE_ENV"],
    port: 80,
  },
  funkwhale: {
    path: "tf-official-apps/funkwhale-dec21",
    entrypoint: "/init.sh",
    cpu: 1,
    memoryGib: 2,
    disks: { "/data": 50 },
    env: ["FUNKWHALE_HOSTNAME", ...names("DJANGO_SUPERUSER_", "EMAIL", "USERNAME", "PASSWORD")],
    port: 80,
  },
  gitea: {
    ...official("gitea-mycelium"),
    cpu: 1,
    memoryGib: 2,
    rootSizeGib: 25,
    env: ["GITEA__HOSTNAME"],
    port: 3000,
  },
  jenkins: {
    ...official("jenkins-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { "/data": 50 },
    env: names("JENKINS_", "HOSTNAME", "ADMIN_USERNAME", "ADMIN_PASSWORD"),
    port: 80,
  },
  jitsi: {
    ...official("jitsi-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { "/data": 100 },
    env: ["JITSI_HOSTNAME"],
    port: 80,
  },
  mattermost: {
    ...official("mattermost-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { [DOCKER]: 50 },
    env: ["DB_PASSWORD", "SITE_URL", "MATTERMOST_DOMAIN"],
    port: 8000,
  },
  nextcloud: {
    ...official("threefoldtech-nextcloudaio-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { "/mnt/data": 50 },
    env: ["NEXTCLOUD_DOMAIN", "NEXTCLOUD_AIO_LINK", "GATEWAY", "IPV4"],
    port: 80,
  },
  "node-pilot": {
    path: "tf-official-vms/node-pilot-zdbfs",
    cpu: 4,
    memoryGib: 8,
    bootDiskGib: 500,
    env: ["NODE_PILOT_HOSTNAME"],
    port: 34416,
  },
  "nostr-relay": {
    ...official("nostr_relay-mycelium"),
    cpu: 1,
    memoryGib: 2,
    rootSizeGib: 25,
    env: ["NOSTR_HOSTNAME"],
    port: 8080,
  },
  owncloud: {
    ...official("owncloud-10.9.1"),
    cpu: 2,
    memoryGib: 8,
    disks: { [DOCKER]: 250 },
    env: names("OWNCLOUD_", "ADMIN_USERNAME", "ADMIN_PASSWORD", "DOMAIN"),
    port: 80,
  },
  peertube: {
    ...official("peertube-v3.1.1"),
    cpu: 1,
    memoryGib: 2,
    disks: { "/data": 15 },
    env: ["PEERTUBE_ADMIN_EMAIL", "PT_INITIAL_ROOT_PASSWORD", "PEERTUBE_WEBSERVER_HOSTNAME"],
    port: 9000,
  },
  presearch: {
    ...official("presearch-v2.3"),
    cpu: 1,
    memoryGib: 0.5,
    disks: { [DOCKER]: 10 },
    env: names("PRESEARCH_", "REGISTRATION_CODE", "BACKUP_PRI_KEY", "BACKUP_PUB_KEY"),
  },
  "static-website": {
    ...official("staticwebsite-latest"),
    cpu: 1,
    memoryGib: 2,
    disks: { [DOCKER]: 50 },
    env: ["GITHUB_URL", "GITHUB_BRANCH", "HTML_DIR", "USER_DOMAIN", "STATICWEBSITE_DOMAIN"],
    port: 9000,
  },
  subsquid: {
    ...official("subsquid-latest"),
    cpu: 1,
    memoryGib: 2,
    disks: { [DOCKER]: 50 },
    env: ["CHAIN_ENDPOINT", "SUBSQUID_WEBSERVER_HOSTNAME"],
    port: 4444,
  },
  taiga: {
    ...official("grid3_taiga_docker-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { [DOCKER]: 100 },
    env: ["DOMAIN_NAME", "ADMIN_USERNAME", "ADMIN_PASSWORD", "ADMIN_EMAIL"],
    port: 9000,
  },
  tfrobot: { ...official("tfrobot"), cpu: 1, memoryGib: 2, rootSizeGib: 25, env: [] },
  umbrel: {
    ...official("umbrel-latest"),
    cpu: 1,
    memoryGib: 2,
    disks: { [DOCKER]: 10, "/umbrelDisk": 10 },
    env: ["USERNAME", "PASSWORD", "UMBREL_DISK"],
  },
  wordpress: {
    ...official("tf-wordpress-latest"),
    cpu: 2,
    memoryGib: 4,
    disks: { "/var/www/html": 50 },
    env: ["MYSQL_USER", "MYSQL_PASSWORD", "ADMIN_EMAIL", "WP_URL"],
    port: 80,
  },
} as const satisfies Record<string, ApplicationFacts>;

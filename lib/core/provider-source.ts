/** Full address of the Terraform provider in this package: host, namespace, type. */
export const PROVIDER_SOURCE = "registry.terraform.io/cdktf-threefold/threefold";

import { Token } from "cdktf";
import type { AttributePath, GridError } from "../../core/errors";
import { MACHINE_LABEL } from "../../model/kubernetes/machine-env";
import type { ClusterMachines } from "../kubernetes-cluster";
import { badValue } from "../private/problems";

/** Name of a label or taint, with the domain it may have before it. @source Kubernetes: labels and selectors */
const MARK_NAME = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

const MARK_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Checks labels and taints of nodes. */
export function checkMarks({ labels = {}, taints = [] }: ClusterMachines, path: AttributePath): GridError[] {
  return [
    ...Object.entries(labels).flatMap(([name, value]) => checkLabel(name, value, [...path, "labels", name])),
    ...taints.flatMap((taint, index) => checkTaint(taint, [...path, "taints", index])),
  ];
}

function checkLabel(name: string, value: string, attribute: AttributePath): GridError[] {
  const domain = name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
  if (/(^|\.)(kubernetes|k8s)\.io$/.test(domain)) {
    const allowed = "a domain of your own, or none: a node may not give itself labels of Kubernetes";
    const remedy = `use another name, or set it with kubectl: kubectl label node NAME ${name}=${value}.`;
    return [badValue({ attribute, given: name, allowed, remedy })];
  }
  if (!MARK_NAME.test(name) || name === MACHINE_LABEL) {
    const allowed = "[domain/]name of letters, digits, -, _ and ., up to 63";
    return [badValue({ attribute, given: name, allowed, remedy: "rename the label." })];
  }
  if (Token.isUnresolved(value) || MARK_VALUE.test(value)) return [];
  return [badValue({ attribute, given: value, allowed: "up to 63 letters, digits, -, _ and ." })];
}

function checkTaint(taint: string, attribute: AttributePath): GridError[] {
  if (Token.isUnresolved(taint)) return [];
  const [, name = "", value = "", effect = ""] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(taint) ?? [];
  if (MARK_NAME.test(name) && MARK_VALUE.test(value) && EFFECTS.includes(effect)) return [];
  return [badValue({ attribute, given: taint, allowed: `name[=value]:effect, effect one of ${EFFECTS.join(", ")}` })];
}

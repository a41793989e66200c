/** Which derived secret is meant, beside its kind. */
export interface DerivedName {
  readonly identity: string;
  readonly version: number;
  /** Key scope of the project it belongs to. @default the project that uses it */
  readonly scope?: string;
}

/** Text of a reference to a derived secret, as configurations hold it in place of the value: `derive:zdb-password/db/1@shop`. */
export function derivedReference(kind: string, { identity, version, scope }: DerivedName): string {
  return `derive:${kind}/${identity}/${version}${scope === undefined ? "" : `@${scope}`}`;
}

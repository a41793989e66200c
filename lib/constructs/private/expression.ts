/** A Terraform expression inside a text. */
export function expression(text: string): string {
  return `\${${text}}`;
}

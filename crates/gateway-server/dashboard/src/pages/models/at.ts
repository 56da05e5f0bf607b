/** A model's place as the address has it: `provider/model`. Providers have no slash in their names, models may. */
export function partsOf(at: string): { provider: string; model: string } {
  const cut = at.indexOf("/");
  return cut < 0 ? { provider: "", model: at } : { provider: at.slice(0, cut), model: at.slice(cut + 1) };
}

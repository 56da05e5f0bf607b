// A token given by hand (the admin token or an API token). Kept until the tab is closed; users have a cookie instead.

const KEEP = "gateway-token";

export const token = {
  read: (): string | null => sessionStorage.getItem(KEEP),
  keep: (value: string) => sessionStorage.setItem(KEEP, value),
  forget: () => sessionStorage.removeItem(KEEP),
};

/** The headers that say who asks. */
export function credentials(): Record<string, string> {
  const value = token.read();
  return value ? { authorization: `Bearer ${value}` } : {};
}

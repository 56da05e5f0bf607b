import type { ReactNode } from "react";
import { PageHeader } from "../../parts";

export default function Page(): ReactNode {
  return <PageHeader title="Providers" />;
}

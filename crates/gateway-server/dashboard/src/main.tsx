import "./style/tokens.css";
import "./style/base.css";
import "./app/nonce";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/client";
import { followTheme } from "./app/theme";
import { TooltipProvider } from "./parts/Tooltip";
import { router } from "./router";

followTheme();

// The gateway serves the page at its root too, since that is what people type.
if (!window.location.pathname.startsWith("/ui")) window.history.replaceState(null, "", "/ui/");

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <TooltipProvider>
          <RouterProvider router={router} />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

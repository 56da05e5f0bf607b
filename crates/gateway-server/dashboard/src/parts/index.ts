// Every component that more than one page uses.

export * from "./Button";
export * from "./Chart";
export * from "./Combobox";
export * from "./Dialog";
export { Field, type FieldProps } from "./Field";
export * from "./figures";
export * from "./icons";
export * from "./inputs";
export * from "./JsonView";
export * from "./layout";
export * from "./Menu";
export * from "./Pages";
export * from "./RangePicker";
export * from "./states";
export * from "./Table";
export * from "./Tabs";
export * from "./Tooltip";
export * from "./text";
export * from "./toast";
export * from "./toggles";
export * from "./values";

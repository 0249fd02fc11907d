declare module 'virtual:examples' {
  interface Example {
    readonly title: { readonly en: string; readonly ja: string };
    /** Path to text. */
    load(): Promise<{ readonly default: Readonly<Record<string, string>> }>;
  }
  const examples: Readonly<Record<string, Example>>;
  export default examples;
}

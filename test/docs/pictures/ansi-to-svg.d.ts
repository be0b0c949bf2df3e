/** What is used of it; the package brings no types. */
declare module 'ansi-to-svg' {
  interface Options {
    paddingTop?: number;
    paddingBottom?: number;
    paddingLeft?: number;
    paddingRight?: number;
    lineHeight?: number;
    fontFamily?: string;
    colors?: Readonly<Record<string, string>>;
  }

  /** Takes text with ANSI colours and gives an SVG document. */
  const ansiToSvg: (text: string, options?: Options) => string;
  export = ansiToSvg;
}

/** Of commands that print tables. */

export interface WideOption {
  wide?: boolean;
}

/** `command.option(...wideOption)`. */
export const wideOption = ['--wide', 'whole ids, exact times and every column, however long the lines get'] as const;

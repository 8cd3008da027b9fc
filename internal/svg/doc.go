// Package svg writes pictures as SVG files without scripts, links and fonts of
// others, in light and dark colours.
package svg

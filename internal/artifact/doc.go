// Package artifact reads and writes the archives that are artifacts of
// CodePipeline: [Open] checks a zip, tar or tar.gz archive and shows it as a
// file system, [Write] writes a file system as a zip archive.
//
// Both take archives of people who must not be trusted. All that is held in
// memory counts against [Limits] before it is held: about 130 bytes for each
// entry, and the names of entries and the targets of links.
package artifact

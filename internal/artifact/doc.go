// Package artifact reads and writes the archives that CodePipeline keeps
// artifacts in: zip, tar and tar.gz as file systems, within [Limits], and file
// systems as reproducible zip archives.
package artifact

// Package gitattr reads .gitattributes files and applies them the way
// git archive does, without git: which paths are left out, which get
// export-subst, and how the content of a file changes on its way out of the
// repository.
//
//	var set gitattr.Set
//	set.Add("", rootAttributes)        // content of /.gitattributes
//	set.Add("docs", docsAttributes)    // content of /docs/.gitattributes
//	a := set.Lookup("docs/logo.svg", false)
//	if a.ExportIgnore() {
//		return nil
//	}
//	content, err := gitattr.Convert(blob, "docs/logo.svg", blobID, a)
//
// # Files
//
// The files of the archived tree count, and no others: $GIT_DIR/info/attributes,
// core.attributesFile and the system's attributes file belong to a clone. The
// rules are those of git 2.39 when it reads attributes from its index, as git
// archive does:
//
//   - A byte order mark at the start of a file is part of the first pattern. Git
//     skips it in files of the work tree alone.
//   - A NUL byte ends the file.
//   - Lines of 2,048 bytes and more and files of 100 MiB and more are ignored.
//   - A line with an invalid attribute name is ignored as a whole.
//   - Macros ([attr]name) count in the root's file alone.
//   - The content of a .gitattributes that is a symbolic link is the path of its
//     target: give Add the blob.
//
// # Ignored paths
//
// An ignored directory or submodule is left out with everything in it. A directory
// with a file or a submodule, even an ignored one, is a member of the archive; a
// directory with ignored directories alone is not. Look directories and submodules
// up with isDir, and look up nothing below an ignored directory.
//
// # Conversion
//
// Convert works as git does with core.autocrlf=false and core.eol=lf and no
// filter driver configured, the defaults of git on Linux: ident, then line
// endings, then working-tree-encoding. A filter attribute (filter=lfs) has no
// effect, as it has none in a git whose configuration does not define that
// driver. git archive does not convert files above core.bigFileThreshold
// (512 MiB) unless they have export-subst; Convert always converts.
//
// # Patterns
//
// Patterns match as in git. The time is bounded by the length of the pattern times
// that of the path, times the path's depth if the pattern has "**". Matching
// allocates nothing.
package gitattr

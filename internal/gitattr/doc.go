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
// # What is read
//
// Only what the archived tree holds. $GIT_DIR/info/attributes,
// core.attributesFile and the system's attributes file belong to a clone and
// do not exist here. The rules are those of git 2.39 reading attributes from
// its index, as git archive does: a byte order mark at the start of a file is
// part of the first pattern (git skips it only in files of the work tree), a
// NUL byte ends the file, lines of 2,048 bytes and more and files of
// 100 MiB and more are ignored, a line with an invalid attribute name is
// ignored as a whole, macros ([attr]name) count only in the root's file, and
// a .gitattributes that is a symbolic link is read as if the link's target
// path were the content (give Add the blob).
//
// # What is left out
//
// An ignored directory, or submodule, is left out with all that is in it. A
// directory of which git archive comes across a file or submodule, be it an
// ignored one, is a member of the archive; one that has nothing but ignored
// directories is not. Look directories and submodules up with isDir, and only
// what is not below an ignored directory.
//
// # What is converted
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
// The matcher is our own. github.com/git-lfs/wildmatch/v2 disagrees with git
// on 2.5 % of random patterns and paths (it does not return to an earlier "**"
// once that has matched, takes "\a" for "/a" and "[]a]" for an empty set, and
// works on runes where git works on bytes), never matches directories for
// attributes although git archive does, panics on "[a-" and "[[:x", and takes
// 24 seconds for "*a*a*a*a*a*a*a*a*a*ab" against forty a's. Here the time is
// bounded by the length of the pattern times that of the path, times the
// path's depth if the pattern has "**", and matching allocates nothing.
package gitattr

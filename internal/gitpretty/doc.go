// Package gitpretty expands the placeholders of git's pretty formats for one
// commit, from the commit alone, as git archive does in files with the
// attribute export-subst.
//
//	e := gitpretty.New(gitpretty.Commit{ID: id, TreeID: tree, …}, mailmap)
//	content, err := e.Subst(content) // $Format:%H$ becomes the commit's ID
//
// The model is git 2.39, and git 2.45 for %aI and %cI in UTC: they end in "Z" as
// with git today, where earlier versions print "+00:00". An unknown placeholder
// stays as it is, as in git.
//
// # Placeholders of more than the commit
//
// Some placeholders depend on the clone, the clock or the configuration rather
// than the commit. They have a fixed result here:
//
//	%h %t %p          7 digits, what git chooses in a small repository without
//	                  ambiguities; git prints more as a repository grows
//	%d %D             empty, as if no branch or tag pointed to the commit
//	%(describe…)      empty, as in a clone without tags; as in git only the
//	                  first one of an archive, any other stays as it is
//	%ar %cr           the date as %ad prints it; git: "3 days ago"
//	%ah %ch           "Apr 7 2005"; git prints more for dates of this year
//	%aN %aE %aL       after the mailmap given to New; git takes the .mailmap of
//	%cN %cE %cL       its work tree or, in a bare repository, that of HEAD.
//	                  Pass that of the archived tree
//	%G? %GT %GG …     as for a commit without signature: "N", "undefined", empty
//	%gd %gs %gn …     empty: there is no reflog (as in git archive)
//	%<|(-N)           columns counted from the right of a terminal of 80
//	%(trailers…)      with ":" as the only separator (trailer.separators) and
//	                  no configured trailers
//	%C(…)             colours only after "always,", as in git archive
//
// Placeholders that later versions added, such as %(decorate), are unknown.
//
// %N and %S stay as they are, as in git archive. %e is empty and everything is
// UTF-8: commits with an encoding header are not told apart, while git would
// convert the result to that encoding.
package gitpretty

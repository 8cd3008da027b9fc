// Package pathname compares and cuts the names of files as the systems do on
// which an archive may be extracted: Linux, macOS and Windows, whichever one
// this is.
//
// Two names that differ on one system can be one file on another. An archive
// that holds a link of the one name and a file below the other would then write
// through the link. [Fold] gives such names one form:
//
//	seen := make(map[string]string) // of one folder
//	for _, name := range names {
//		if other, ok := seen[pathname.Fold(name)]; ok {
//			return fmt.Errorf("%q and %q are one file on some systems", name, other)
//		}
//		seen[pathname.Fold(name)] = name
//	}
//
// [IsDotGit] finds git's own folder under all its names, [Elements] cuts a name
// wherever a system does, and [IsRooted] finds names that leave the folder they
// are joined to.
//
// The short names of Windows, such as PROGRA~1, are not compared: the files that
// were there before decide them. The one of .git is always git~1.
package pathname

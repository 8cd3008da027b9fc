package gitattr_test

import (
	"fmt"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

func ExampleSet() {
	var set gitattr.Set
	set.Add("", []byte("*.bat eol=crlf\n/ci/ export-ignore\n"))
	set.Add("tools", []byte("old.bat -text\n"))

	fmt.Println(set.Lookup("ci", true).ExportIgnore())
	for _, path := range []string{"run.bat", "tools/old.bat"} {
		content, err := gitattr.Convert([]byte("@echo off\n"), path, "", set.Lookup(path, false))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %q\n", path, content)
	}
	// Output:
	// true
	// run.bat "@echo off\r\n"
	// tools/old.bat "@echo off\n"
}

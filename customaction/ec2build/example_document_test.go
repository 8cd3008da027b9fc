package ec2build_test

import (
	"encoding/json"
	"fmt"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

// The document goes into a template as it is.
func ExampleDocument() {
	text, err := ec2build.Document(ec2build.PlatformWindows, true)
	if err != nil {
		fmt.Println(err)
		return
	}
	var document struct {
		MainSteps []struct{ Name, Action string }
	}
	if err := json.Unmarshal(text, &document); err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range document.MainSteps {
		fmt.Println(step.Name, step.Action)
	}
	// Output:
	// docker aws:configureDocker
	// build aws:runPowerShellScript
}

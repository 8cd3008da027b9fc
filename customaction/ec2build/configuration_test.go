package ec2build

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// What parse takes, the script can use: no value has a zero byte, and each output
// artifact has one path.
func FuzzConfiguration(f *testing.F) {
	f.Add("ami-0123456789abcdef0", "c7i.large", "make", "", "dist", "60", "spot", "8", "true")
	f.Add("resolve:ssm:/aws/service/ami:1", "a.b, c.d", "x\r\ny", `C:\x`, "A=a\r\nB=b", "", "", "", "")
	f.Add("ami-", ",", " ", "\x00", "=\n=", "-1", "Spot", "9999999999999999999", "TRUE")
	f.Fuzz(func(t *testing.T, image, types, command, directory, paths, timeout, market, volume, docker string) {
		values := map[string]string{
			keyImageID: image, keyInstanceType: types, keyCommand: command, keyWorkingDirectory: directory, keyOutputArtifactPath: paths,
			keyTimeoutMinutes: timeout, keyMarket: market, keyVolumeSize: volume, keyDocker: docker,
		}
		for _, artifacts := range [][]action.Artifact{nil, {{Name: "A"}}, {{Name: "A"}, {Name: "B"}}} {
			c, err := parse(values, artifacts)
			if err != nil {
				continue
			}
			if len(c.outputs) != len(artifacts) || strings.ContainsRune(c.command+c.directory, 0) || len(c.types) == 0 {
				t.Errorf("%+v", c)
			}
			for _, o := range c.outputs {
				if strings.ContainsAny(o.path, "\x00\n") {
					t.Errorf("path %q", o.path)
				}
			}
		}
	})
}

// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// CodeBuild is the action type CodeBuild, of the category Build. An action takes 1 to
// 5 input artifacts and makes 0 to 5 output artifacts.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
type CodeBuild struct {
	// ProjectName is the name of the project. It is required.
	ProjectName string `key:"ProjectName"`
	// PrimarySource is the name of the input artifact with the buildspec, which several
	// input artifacts need.
	PrimarySource string `key:"PrimarySource"`
	// BatchEnabled is true if the action runs a batch of builds, and false by default.
	BatchEnabled string `key:"BatchEnabled"`
	// CombineArtifacts is true if a batch puts the artifacts of its builds into one, and
	// false by default.
	CombineArtifacts string `key:"CombineArtifacts"`
	// EnvironmentVariables is the JSON array of the variables that the builds get: name,
	// value and type of each.
	EnvironmentVariables string `key:"EnvironmentVariables"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Build/CodeBuild/1.
func (CodeBuild) ActionType() ActionType {
	return ActionType{Category: "Build", Owner: "AWS", Provider: "CodeBuild", Version: "1"}
}

// ECRBuildAndPublish is the action type ECRBuildAndPublish, of the category Build. An
// action takes one input artifact and makes no output artifact. Its output variables
// are ECRImageDigestId and ECRRepositoryName. It needs a pipeline of type V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECRBuildAndPublish.html
type ECRBuildAndPublish struct {
	// ECRRepositoryName is the name of the repository that gets the image. It is
	// required.
	ECRRepositoryName string `key:"ECRRepositoryName"`
	// DockerFilePath is the folder of the Dockerfile in the artifact, its root by
	// default.
	DockerFilePath string `key:"DockerFilePath"`
	// ImageTags is the list of the image's tags, latest by default, with commas between
	// them.
	ImageTags string `key:"ImageTags"`
	// RegistryType is the kind of the repository, private by default: private or public.
	RegistryType string `key:"RegistryType"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Build/ECRBuildAndPublish/1.
func (ECRBuildAndPublish) ActionType() ActionType {
	return ActionType{Category: "Build", Owner: "AWS", Provider: "ECRBuildAndPublish", Version: "1"}
}

// Commands is the action type Commands, of the category Compute. An action takes 1 to
// 10 input artifacts and makes at most one output artifact. It needs a pipeline of
// type V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type Commands struct {
	// EnvironmentType is the environment of the commands, LINUX_CONTAINER by default:
	// LINUX_CONTAINER or WINDOWS_SERVER_2022_CONTAINER.
	EnvironmentType string `key:"EnvironmentType"`
	// ComputeType is the size of the machine, BUILD_GENERAL1_SMALL by default, which
	// Windows does not have: BUILD_GENERAL1_SMALL, BUILD_GENERAL1_MEDIUM or
	// BUILD_GENERAL1_LARGE.
	ComputeType string `key:"ComputeType"`
	// VPCID is the ID of the VPC in which the commands run.
	VPCID string `key:"VpcId"`
	// Subnets is the list of the subnets' IDs, with commas between them.
	Subnets string `key:"Subnets"`
	// SecurityGroupIDs is the list of the security groups' IDs, with commas between
	// them.
	SecurityGroupIDs string `key:"SecurityGroupIds"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Compute/Commands/1.
func (Commands) ActionType() ActionType {
	return ActionType{Category: "Compute", Owner: "AWS", Provider: "Commands", Version: "1"}
}

// CodeBuildTest is the action type CodeBuild, of the category Test. An action takes 1
// to 5 input artifacts and makes 0 to 5 output artifacts.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
type CodeBuildTest struct {
	// ProjectName is the name of the project. It is required.
	ProjectName string `key:"ProjectName"`
	// PrimarySource is the name of the input artifact with the buildspec, which several
	// input artifacts need.
	PrimarySource string `key:"PrimarySource"`
	// BatchEnabled is true if the action runs a batch of builds, and false by default.
	BatchEnabled string `key:"BatchEnabled"`
	// CombineArtifacts is true if a batch puts the artifacts of its builds into one, and
	// false by default.
	CombineArtifacts string `key:"CombineArtifacts"`
	// EnvironmentVariables is the JSON array of the variables that the builds get: name,
	// value and type of each.
	EnvironmentVariables string `key:"EnvironmentVariables"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Test/CodeBuild/1.
func (CodeBuildTest) ActionType() ActionType {
	return ActionType{Category: "Test", Owner: "AWS", Provider: "CodeBuild", Version: "1"}
}

// DeviceFarm is the action type DeviceFarm, of the category Test. An action takes one
// input artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type DeviceFarm struct {
	// AppType is the operating system and kind of the app, such as iOS, Android or Web.
	// It is required.
	AppType string `key:"AppType"`
	// ProjectID is the ID of the project in Device Farm. It is required.
	ProjectID string `key:"ProjectId"`
	// App is the path of the app in the input artifact. It is required.
	App string `key:"App"`
	// AppiumVersion is the version of Appium. It is required.
	AppiumVersion string `key:"AppiumVersion"`
	// DevicePoolARN is the ARN of the pool of devices. It is required.
	DevicePoolARN string `key:"DevicePoolArn"`
	// TestType is the kind of the test, such as BUILTIN_FUZZ or APPIUM_NODE. It is
	// required.
	TestType string `key:"TestType"`
	// Test is the path of the tests in the input artifact, which all kinds but built-in
	// ones need.
	Test string `key:"Test"`
	// RecordVideo is true if a video is recorded.
	RecordVideo string `key:"RecordVideo"`
	// RecordAppPerformanceData is true if the performance of the app is recorded.
	RecordAppPerformanceData string `key:"RecordAppPerformanceData"`
	// RadioBluetoothEnabled is true if Bluetooth is on at the start.
	RadioBluetoothEnabled string `key:"RadioBluetoothEnabled"`
	// RadioWifiEnabled is true if Wifi is on at the start.
	RadioWifiEnabled string `key:"RadioWifiEnabled"`
	// RadioNFCEnabled is true if Nfc is on at the start.
	RadioNFCEnabled string `key:"RadioNfcEnabled"`
	// RadioGPSEnabled is true if Gps is on at the start.
	RadioGPSEnabled string `key:"RadioGpsEnabled"`
	// FuzzEventCount is the number of events of a fuzz test, up to 10000.
	FuzzEventCount string `key:"FuzzEventCount"`
	// FuzzEventThrottle is the number of milliseconds between the events of a fuzz test,
	// up to 1000.
	FuzzEventThrottle string `key:"FuzzEventThrottle"`
	// FuzzRandomizerSeed is the seed of a fuzz test.
	FuzzRandomizerSeed string `key:"FuzzRandomizerSeed"`
	// CustomHostMachineArtifacts is the place of the artifacts on the host machine.
	CustomHostMachineArtifacts string `key:"CustomHostMachineArtifacts"`
	// CustomDeviceArtifacts is the place of the artifacts on the device.
	CustomDeviceArtifacts string `key:"CustomDeviceArtifacts"`
	// UnmeteredDevicesOnly is true if only unmetered devices run the test.
	UnmeteredDevicesOnly string `key:"UnmeteredDevicesOnly"`
	// JobTimeoutMinutes is the number of minutes after which a test on one device ends.
	JobTimeoutMinutes string `key:"JobTimeoutMinutes"`
	// Latitude is the latitude of the device in degrees.
	Latitude string `key:"Latitude"`
	// Longitude is the longitude of the device in degrees.
	Longitude string `key:"Longitude"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Test/DeviceFarm/1.
func (DeviceFarm) ActionType() ActionType {
	return ActionType{Category: "Test", Owner: "AWS", Provider: "DeviceFarm", Version: "1"}
}

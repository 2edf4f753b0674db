namespace Lcnn.Distributed.Client.Recording.Mlflow;

/// <summary>Which MLflow server a run is recorded by, and as what.</summary>
public sealed record MlflowOptions
{
    private const string Prefix = "MLFLOW_";
    private const string UsualExperiment = "Default"; // which every server has

    /// <summary>Address of the server, http or https, with a user and a password in it where it wants them.</summary>
    public required Uri Server { get; init; }

    /// <summary>Experiment, made if it is not there.</summary>
    public string Experiment { get; init; } = UsualExperiment;

    /// <summary>A run of the server to go on with; null for one of its own, which is found again by the id of the run it records.</summary>
    public string? RunId { get; init; }

    /// <summary>Sent as a bearer token; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>User and password, where they are not in the address; null for none.</summary>
    public (string User, string Password)? Login { get; init; }

    /// <summary>Time for one answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time after the end of the run for what is not sent yet.</summary>
    public TimeSpan LastWait { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>With what MLflow's own clients read from the environment: <c>MLFLOW_EXPERIMENT_NAME</c>, <c>MLFLOW_RUN_ID</c>, <c>MLFLOW_TRACKING_TOKEN</c>, <c>MLFLOW_TRACKING_USERNAME</c> and <c>_PASSWORD</c>.</summary>
    /// <param name="server">Address of the server.</param>
    /// <param name="variable">What the environment says under a name.</param>
    public static MlflowOptions FromEnvironment(Uri server, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string? Given(string name) => variable(Prefix + name) is { Length: > 0 } value ? value : null;
        return new MlflowOptions
        {
            Server = server,
            Experiment = Given("EXPERIMENT_NAME") ?? UsualExperiment,
            RunId = Given("RUN_ID"),
            Token = Given("TRACKING_TOKEN"),
            Login = Given("TRACKING_USERNAME") is { } user ? (user, Given("TRACKING_PASSWORD") ?? "") : null,
        };
    }
}

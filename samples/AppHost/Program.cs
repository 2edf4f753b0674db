// A Redis, two silos and a run on them, with Aspire's dashboard for logs, traces and metrics and each silo's own for the training.
// Everything is a process: no container is needed.
var builder = DistributedApplication.CreateBuilder(args);
var lcnn = builder.Configuration["LCNN"] ?? Path.GetFullPath("../../lcnn", builder.AppHostDirectory); // or lcnn on the PATH
var folder = Directory.CreateDirectory(builder.Configuration["LCNN_FOLDER"] ?? Path.GetFullPath("runs", builder.AppHostDirectory)).FullName;

var redis = builder.AddExecutable("redis", "redis-server", folder, "--save", "").WithEndpoint(scheme: "redis", name: "redis");
var store = redis.GetEndpoint("redis");
redis.WithArgs(context =>
{
    context.Args.Add("--port");
    context.Args.Add(store.Property(EndpointProperty.TargetPort));
});
var cluster = ReferenceExpression.Create($"redis://{store.Property(EndpointProperty.Host)}:{store.Property(EndpointProperty.Port)}");

var silos = new[] { "silo-1", "silo-2" }.Select(name => builder
    .AddExecutable(name, lcnn, folder, "silo", "--name", name, "--slots", "1", "--advertise", "127.0.0.1", "--silo-port", "0", "--gateway-port", "0", "--start-timeout", "60")
    .WithEnvironment("LCNN_CLUSTER", cluster)
    .WithHttpEndpoint(env: "LCNN_SILO__HTTP_PORT") // the training's dashboard: follow the link
    .WithHttpHealthCheck("/healthz/ready")
    .WithOtlpExporter()
    .WaitForStart(redis)).ToList();

var run = builder
    .AddExecutable("run", lcnn, folder, "train", "--epochs", "5", "--workers", "2", "--out", Path.Combine(folder, "first"), "--resume", "auto")
    .WithEnvironment("LCNN_CLUSTER", cluster);
silos.ForEach(silo => run.WaitFor(silo));

await builder.Build().RunAsync();

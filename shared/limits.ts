/**
 * Everything that comes from outside has a named maximum, and the maximum stands here with its reason.
 */
import type { Rate } from './allowance.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** A control message is a few hundred bytes; an assignment of 65,536 item indices is under 512 KiB. */
export const MAX_CONTROL_BYTES = 512 * KiB;

/** Nesting of JSON from outside. Our deepest schema has 6 levels; zod recursion stays shallow. */
export const MAX_JSON_DEPTH = 16;

/** Inputs or outputs of one assignment: a tab may close at any moment and lose little (DESIGN 5). */
export const MAX_ASSIGNMENT_BYTES = 8 * MiB;

/** One binary link frame: tensors of one assignment plus its control part and headers. */
export const MAX_FRAME_BYTES = MAX_ASSIGNMENT_BYTES + MAX_CONTROL_BYTES + 64 * KiB;

/** One item's inputs or outputs: it must fit one assignment. */
export const MAX_ITEM_BYTES = 8 * MiB;

/** FLOP of one item of a kernel of the catalogue: its CPU reference takes ten to thirty seconds for so many. */
export const MAX_ITEM_FLOPS = 2 ** 33;

/** A blob: a model or a job's stacked inputs. A tab must be able to hold a model in memory. */
export const MAX_BLOB_BYTES = 1024 * MiB;

/** Uploads of one author that are not whole yet, and how long after its beginning one is kept. */
export const MAX_OPEN_UPLOADS = 8;
export const UPLOAD_KEPT_MS = 24 * 3_600_000;

/** A model: ORT's wasm32 heap holds the model about three times while it creates a session. */
export const MAX_MODEL_BYTES = 512 * MiB;
/** Protobuf nesting of a model: a subgraph costs 3 levels, so 20 subgraphs inside each other. */
export const MAX_MODEL_DEPTH = 64;
/** Messages a model decodes to, at about 400 bytes each; the largest public models have some 100,000. */
export const MAX_MODEL_MESSAGES = 1_000_000;
/** Separate numbers and strings a model decodes to; weights as raw data count as one each. */
export const MAX_MODEL_VALUES = 16_000_000;

/** Stages of one model: with a hop of some 40 ms each, more would wait longer than any model computes. */
export const MAX_STAGES = 16;
/** Nodes of a model to be cut: the largest public ones have some 20,000, and this many are planned in seconds. */
export const MAX_SPLIT_NODES = 65_536;
/** Weights that lie beside a model to be cut; each stage of it must fit MAX_MODEL_BYTES again. */
export const MAX_EXTERNAL_BYTES = MAX_STAGES * MAX_MODEL_BYTES;

/** A body of POST JSON: job specifications are small, data travels as blobs. */
export const MAX_JSON_BODY_BYTES = 256 * KiB;

/** Header of a safetensors blob: the reference implementation has 100 MB; ours holds few tensors. */
export const MAX_TENSOR_HEADER_BYTES = 1 * MiB;
export const MAX_TENSORS_PER_FILE = 256;
export const MAX_TENSOR_RANK = 16;
export const MAX_TENSOR_NAME_CHARS = 256;

/** Items of one job; 1e6 keeps a job's open shards in memory (about 300 bytes each). */
export const MAX_ITEMS_PER_JOB = 1_000_000;
/** Items of one shard: an assignment's index list stays a small message. */
export const MAX_ITEMS_PER_SHARD = 4096;
export const MAX_SHARDS_PER_JOB = 100_000;
/** Times that items are added to one job: its record names each (about 400 bytes), and is written with each. */
export const MAX_ADDED_LOTS = 256;
/** Jobs of one key that are held open: each is gone over in every sweep, though nothing of it may be to be done. */
export const MAX_HELD_JOBS_PER_KEY = 64;
/** A job that is held open ends by itself, with what it has, when nothing was added for so long: its author forgot it. */
export const MAX_HELD_MS = 7 * 86_400_000;

/** What a job may be given to end in: a host needs some seconds for one shard, and nobody waits for a year. */
export const MIN_JOB_LIFETIME_MS = 10_000;
export const MAX_JOB_LIFETIME_MS = 366 * 86_400_000;

/** Agreeing reports that an author may ask for; more buys nothing that a referee would not. */
export const MAX_QUORUM = 7;
/** Clean checks that an author may ask for before a volunteer's samples count: a day's work of most. */
export const MAX_SAMPLE_CHECKS = 16_384;
/** Attempts at a shard that may fail before the referee is asked to compute it. */
export const MAX_COMPUTE_ERRORS_PER_SHARD = 3;
/** Reports of distinct contributors that may fail their check before the referee computes the shard itself. */
export const MAX_FAULTY_REPORTS_PER_SHARD = 3;
/** Of sampled shards: where a fifth of all reports lie, computing those with three would be a sixth of all checking. */
export const MAX_FAULTY_SAMPLED_REPORTS = 4;

/** Shards that one route begins: a u32 in a frame, and more than a route lives to see. */
export const MAX_SEQUENCE = 2 ** 31;
/** STUN and TURN servers that a host is told of. */
export const MAX_ICE_SERVERS = 8;

/** A host that lost its coordinator tries again within this time; one that restarts keeps leases for so long more. */
export const LONGEST_RETRY_MS = 30_000;
/** Assignments one link may hold at once: one running, one prefetched, and room for small ones. */
export const MAX_LEASES_PER_HOST = 8;
/** Openings that are read of one report; more than `OPENED_ROWS` (shared/commitment.ts) is refused in words. */
export const MAX_OPENINGS_PER_REPORT = 16;
/** Rows of activations that a stage opens of one assignment: each brings its inputs and its outputs. */
export const MAX_OPENED_STAGE_ROWS = MAX_OPENINGS_PER_REPORT / 2;
/** Hashes that are read of one opening: the path of a row of 4,352 has 13. */
export const MAX_PATH_HASHES = 32;
/** Links from one network address: a lecture room behind one address, not a flood. */
export const MAX_LINKS_PER_ADDRESS = 512;
/** Signalling sockets likewise: each link may have one for a route and one for its swarms. */
export const MAX_PEERS_PER_ADDRESS = 2 * MAX_LINKS_PER_ADDRESS;
/** Links to one coordinator process; the store, not the sockets, bounds the work. */
export const MAX_LINKS = 20_000;
/** Requests of one author's key: a program that reads results while others run asks some ten times a second. */
export const MAX_KEY_REQUESTS: Rate = { burst: 1_000, perSecond: 50 };
/** Keys whose requests are counted at a time; whoever asked longest ago begins anew. */
export const MAX_REMEMBERED_KEYS = 20_000;
/** Items of one run of a model, and bytes of all values in it, where the coordinator chooses how many there are. */
export const MAX_CHOSEN_ITEMS_PER_RUN = 32;
export const MAX_CHOSEN_RUN_BYTES = 128 * MiB;
/** Programs of which is known how fast each host computes them; whichever was reported longest ago is forgotten first. */
export const MAX_PACED_PROGRAMS = 1_000;
/** Hosts whose failures are remembered after they went, as many as links; the oldest are forgotten first. */
export const MAX_REMEMBERED_FAILURES = 20_000;
/** A host must prove its key within this time after the link opens. */
export const HELLO_DEADLINE_MS = 10_000;
/** Bad messages on one link before it is closed. */
export const MAX_REFUSALS_PER_LINK = 32;
/**
 * Messages of one link: above it the link is read more slowly, and nothing is lost. A host with the smallest shards says
 * some hundred words a second.
 */
export const MAX_LINK_MESSAGES: Rate = { burst: 8_000, perSecond: 2_000 };
/** Unsent bytes on one link before it is closed: it does not read, and memory must stay bounded. */
export const MAX_LINK_BACKLOG_BYTES = 64 * MiB;

/** Rows of one page of any listing. */
export const MAX_PAGE_ROWS = 500;
/** Bytes of one page of results (at least one shard is always sent). */
export const MAX_RESULTS_PAGE_BYTES = 16 * MiB;
/** Streams of events that one coordinator serves at once. */
export const MAX_EVENT_STREAMS = 2_000;

/** An origin: a host name has at most 253 characters. */
export const MAX_ORIGIN_CHARS = 300;
export const MAX_NAME_CHARS = 200;
export const MAX_ERROR_CHARS = 2_000;
/** Of the reason of refused work, which a host may have written itself: a few sentences. */
export const MAX_REFUSAL_CHARS = 500;
/**
 * Records of refused work that are kept of one contributor, the newest of them: some 800 KiB of whoever sends nothing
 * but malformed reports. Its counters go on counting all of it.
 */
export const MAX_KEPT_REFUSALS = 1_000;
/** Text of an author's WGSL: the largest kernels of libraries have some 20 KiB. */
export const MAX_WGSL_BYTES = 128 * KiB;
/** Rounds of all loops of one item: some seconds on a processor, an eternity for a shader. */
export const MAX_LOOP_ROUNDS_PER_ITEM = 50_000_000;
/** Storage buffers that every device offers to one shader. */
export const MAX_WGSL_BINDINGS = 8;
/** Workgroups along one axis that every device offers. */
export const MAX_WORKGROUPS_PER_ITEM = 65_535;
/** Parameters of a kernel as JSON text. */
export const MAX_PARAMS_CHARS = 16 * KiB;

/** Programs a host keeps ready at once: a session holds its model about twice. */
export const MAX_LOADED_PROGRAMS = 4;
/** A worker that neither finishes a slice nor answers for this long is taken for hung and replaced. */
export const MAX_RUN_SILENCE_MS = 120_000;
/** Models and constants that a host keeps between visits; the least recently used go first. */
export const MAX_CACHED_BLOB_BYTES = 1024 * MiB;
/** A blob must have come within this time; a volunteer's line may be slow and a model large. */
export const BLOB_DEADLINE_MS = 600_000;
/** A report must be confirmed within this time, or its link is taken for dead and opened anew. */
export const RECEIPT_DEADLINE_MS = 30_000;
/** From opening a link to being welcomed on it: the coordinator's own deadline and a slow line. */
export const WELCOME_DEADLINE_MS = HELLO_DEADLINE_MS + 10_000;

/** Peers that one coordinator has admitted, and signalling sockets to it: each link on a route and in swarms. */
export const MAX_PEERS = 2 * MAX_LINKS;
/** Peers that it knows of, its own and those of other coordinators: about 200 bytes each. */
export const MAX_KNOWN_PEERS = 8 * MAX_PEERS;
/** Pairs of neighbours in swarms: six of each of 20,000 hosts. */
export const MAX_SWARM_PAIRS = 60_000;
/** Pairs of peers that may meet: these, and 10,000 routes of 4 stages and 3 spares, at about 300 bytes each. */
export const MAX_PEER_PAIRS = 60_000 + MAX_SWARM_PAIRS;
/** Coordinators that share one bus. */
export const MAX_COORDINATORS = 64;
/** A coordinator that says nothing on the bus for this long is gone, and what it said of its peers with it. */
export const COORDINATOR_SILENCE_MS = 20_000;
/** One signalling message: a description with candidates has some 20 KiB, one for channels alone below 1 KiB. */
export const MAX_SIGNAL_BYTES = 64 * KiB;
/**
 * Signalling messages of a peer at once, and a second: a connection has two descriptions and up to 20 candidates. A
 * message counts once more for every 4 KiB, so this is also 200 KiB a second to another coordinator.
 */
export const MAX_SIGNALS: Rate = { burst: 512, perSecond: 50 };
/** Messages, and their bytes, that wait for peers who are not there yet, of one sender. */
export const MAX_WAITING_SIGNALS = 256;
export const MAX_WAITING_SIGNAL_BYTES = 512 * KiB;
/** The same of all senders together. */
export const MAX_ALL_WAITING_SIGNAL_BYTES = 64 * MiB;
/** Unsent bytes on one signalling socket before it is closed. */
export const MAX_SIGNAL_BACKLOG_BYTES = 1 * MiB;
/** One relayed message: the most that Chromium sends on a data channel, so that frames fit both ways. */
export const MAX_RELAY_MESSAGE_BYTES = 256 * KiB;
/** Unsent bytes of one relayed direction above which its sender is not read. */
export const RELAY_HIGH_WATER_BYTES = 256 * KiB;
/** Ends of relayed lanes: below 1 MiB of memory each, so 2 GiB where all are stuffed. */
export const MAX_RELAY_ENDS = 2_048;
export const MAX_RELAY_ENDS_PER_ADDRESS = 256;
/** Sockets that one coordinator forwards to the one that leads: as many as that takes links and relayed lanes. */
export const MAX_FORWARDED_SOCKETS = MAX_LINKS + MAX_RELAY_ENDS;
/** Requests that it forwards at once: all streams of events that the lead serves, and as many others. */
export const MAX_FORWARDED_REQUESTS = 2 * MAX_EVENT_STREAMS;
/** Peers that may wait for a coordinator to hear of them from another: it looks for each ten times a second. */
export const MAX_AWAITED_PEERS = 1_000;
/** Of one peer: its neighbours on a route, and a few lanes to each. */
export const MAX_RELAY_ENDS_PER_PEER = 32;
/** The first end of a lane waits this long for the second: both were told at the same time. */
export const RELAY_PARTNER_DEADLINE_MS = 15_000;
/** A relayed end that has not taken what waits for it (`RELAY_HIGH_WATER_BYTES`) is given up after this: 4 KiB/s. */
export const RELAY_STALL_DEADLINE_MS = 60_000;
/** One message between coordinators; all that one knows of its peers (`MAX_PEERS`, `MAX_PEER_PAIRS`) fits it. */
export const MAX_BUS_MESSAGE_BYTES = 32 * MiB;
/** Messages for the bus that wait while the database cannot be reached; the rest is lost, as on any bus. */
export const MAX_BUS_BACKLOG_BYTES = 64 * MiB;
/**
 * A host that hands over its places on routes finishes what is under way on them, for so long at most: a few shards of
 * about 5 s on each of a few hosts. Then others compute it again.
 */
export const HAND_OVER_DEADLINE_MS = 60_000;
/** Tensors of one message between peers: the activations of one micro-batch, as of one assignment. */
export const MAX_PEER_TENSOR_BYTES = 8 * MiB;
/** The JSON beside them says what they are: item indices of a micro-batch, digests, a wire encoding. */
export const MAX_PEER_DESCRIPTOR_BYTES = 16 * KiB;
/** One message between peers as it lies in memory: descriptor, safetensors header, tensors. */
export const MAX_PEER_BODY_BYTES = MAX_PEER_TENSOR_BYTES + MAX_PEER_DESCRIPTOR_BYTES + 64 * KiB;
/** What a peer says of itself when a channel opens: a route's token and a little more. */
export const MAX_PEER_HELLO_BYTES = 1 * KiB;
/** What a receiver holds of one peer, arriving or not yet acknowledged: one message in hand, one on its way. */
export const MAX_PEER_WINDOW_BYTES = 2 * MAX_PEER_BODY_BYTES;
/** The largest frame that is sent or read: what Chromium takes in one data channel message. */
export const MAX_PEER_FRAME_BYTES = 256 * KiB;
/** Smallest slice but the last of a message: bounds what is remembered of one in the making. */
export const MIN_PEER_SLICE_BYTES = 1 * KiB;
/** Associations that one link is striped over; four were best on a line of 20 ms (performance.md 1.3). */
export const MAX_PEER_LANES = 8;
/** Entries of the public log: what its arithmetic is exact for, and more than it will ever have. */
export const MAX_LOG_ENTRIES = 2 ** 48;
/** One entry: a bundle says its length in two bytes. */
export const MAX_LOG_ENTRY_BYTES = 65_535;
/** Whom one contributor's credit is shared with: a site, a team, and whoever else it chose. */
export const MAX_SHARES = 4;
/** 256 of them: a file of the log. */
export const MAX_BUNDLE_BYTES = 256 * (MAX_LOG_ENTRY_BYTES + 2);
/** A signed checkpoint with the signatures of some witnesses. */
export const MAX_CHECKPOINT_CHARS = 16 * KiB;
/** Own credits that a page looks up in the log by itself at each check; any other one when it is asked to. */
export const MAX_CREDITS_PER_CHECK = 8;
/** A credit that its coordinator has told of must be in the log within this time; files follow a commit in half a second. */
export const LOG_MERGE_DELAY_MS = 60_000;
/** Between two checks that a page makes by itself. */
export const LOG_CHECK_INTERVAL_MS = 60_000;
/** A file of the log must have come within this time. */
export const LOG_FILE_DEADLINE_MS = 20_000;

/** What a blob travels in between peers: one message of theirs, hashed in 2 ms. The last chunk of a blob is shorter. */
export const CHUNK_BYTES = 1 * MiB;
export const MAX_CHUNKS = MAX_BLOB_BYTES / CHUNK_BYTES;
/** Smaller blobs come whole from the coordinator: connections to peers would cost more time than they save bytes. */
export const MIN_SWARM_BLOB_BYTES = 4 * MiB;
/** Chunk lists that the coordinator keeps, at most 64 KiB each; the least recently used are made again. */
export const MAX_KEPT_CHUNK_LISTS = 64;
/** Blobs that one host shares at once: as many as it keeps programs ready. */
export const MAX_SWARMS_PER_HOST = 4;
/**
 * Members of one swarm: planning who fetches what then takes a millisecond. More hosts with the same blob form another
 * swarm, at the price of one copy more for every 64 of them.
 */
export const MAX_SWARM_MEMBERS = 64;
/** Neighbours of one host in one swarm: connections of a tab are few, and each costs a handshake and its beats. */
export const MAX_SWARM_NEIGHBOURS = 8;
/** What a host says of swarms, at once and a second: a word a second of each, and of neighbours that are lost. */
export const MAX_SWARM_MESSAGES: Rate = { burst: 64, perSecond: 8 };
/** Chunks that one neighbour may have asked for and not got. */
export const MAX_CHUNK_REQUESTS = 4;
/** Messages of one neighbour at once, and a second: it says of every chunk that it has it, and may be fast. */
export const MAX_CHUNK_MESSAGES: Rate = { burst: 4 * MAX_CHUNKS, perSecond: 256 };
/** Accusations that are remembered; the oldest are forgotten first. */
export const MAX_ACCUSATIONS = 4_096;

/** Of a contributor's earnings, what may go to its team and its site together, in whole percents. */
export const MAX_SHARED_PERCENT = 100;
/** Teams, and members of all of them: in memory, at about 300 and 100 bytes each. */
export const MAX_TEAMS = 10_000;
export const MAX_MEMBERSHIPS = 200_000;
/** Members of one team: its record is written whole when one comes or goes. */
export const MAX_TEAM_MEMBERS = 250;
/** Registered sites, in memory at about 1 KiB each, and those of one API key. */
export const MAX_SITES = 5_000;
export const MAX_SITES_PER_KEY = 20;
/** Origins that one site names. */
export const MAX_SITE_ORIGINS = 16;
/** Sites that one contributor has agreed to share with; they are part of its record. */
export const MAX_AGREED_SITES = 32;
/** Days of a site's totals that are told at once. */
export const MAX_SITE_DAYS = 366;
/** What an author may offer, in percent of the list price. */
export const MIN_RATE_PERCENT = 50;
export const MAX_RATE_PERCENT = 10_000;

/** A name that a contributor or a device is shown by. */
export const MAX_DISPLAY_NAME_CHARS = 40;
/** Keys that lead to one account, a recovery phrase among them: of a person, or of a club's machines. */
export const MAX_DEVICES_PER_ACCOUNT = 64;
/** A signed request answers a challenge that is not older: a person is not asked in between. */
export const CHALLENGE_LIFETIME_MS = 120_000;
/** Challenges made in that time. They are remembered twice as long: 60,000 at most, at about 150 bytes each. */
export const MAX_CHALLENGES = 20_000;
/** Challenges of one network address in the same time. */
export const MAX_CHALLENGES_PER_ADDRESS = 240;
/** A linking code is typed or photographed within this time. */
export const LINK_CODE_LIFETIME_MS = 600_000;
/** Linking codes that are remembered; those that were used or are over for an hour, so that this can be said. */
export const MAX_LINK_CODES = 20_000;
export const LINK_CODE_MEMORY_MS = 3_600_000;
/** Linking codes that one network address asks for in `LINK_CODE_LIFETIME_MS`. */
export const MAX_LINK_CODES_PER_ADDRESS = 60;
/**
 * Wrong linking codes in `LINK_CODE_LIFETIME_MS`. A code has 40 bits: with twenty of them alive and all guesses made,
 * one is hit in 2,000 years.
 */
export const MAX_CODE_GUESSES_PER_ADDRESS = 10;
export const MAX_CODE_GUESSES = 500;
/** Open jobs, and kinds of devices, that anybody is shown at once. */
export const MAX_OPEN_JOBS_SHOWN = 100;

/** Work of single hours is told for so long; of days for ever. A week by the hour, and the hours of the day it began on. */
export const HOURS_KEPT_MS = 8 * 86_400_000;
/** Hours and days of one request for a history: all hours that are kept, and ten years. */
export const MAX_HISTORY_HOURS = 8 * 24 + 1;
export const MAX_HISTORY_DAYS = 3_660;
/** Devices of one request for a history, those with most credit: as many as an account has at once, and some before. */
export const MAX_HISTORY_DEVICES = 2 * MAX_DEVICES_PER_ACCOUNT;
/** Leaderboards and exports are made anew so often: one pass over the rows of a week, whoever asks meanwhile. */
export const STATS_INTERVAL_MS = 60_000;
/** Rows of a leaderboard: 200 KB. */
export const MAX_LEADERS = 1_000;
/** Contributors of the export, those with most credit: some 2 MB. */
export const MAX_EXPORTED_CONTRIBUTORS = 10_000;

/** Of a volunteer's time: less would hold a shard's lease for nothing. */
export const MIN_DUTY_PERCENT = 5;
/** A person who touched nothing for so long is away, whatever else was chosen. */
export const MAX_AWAY_MINUTES = 120;
/** A day's data: below the first no model arrives; the second is a line at full speed. */
export const MIN_DATA_CAP_MB = 10;
export const MAX_DATA_CAP_MB = 1_000_000;
/** Memory for one program: the smallest models with their runtime; what a tab can address. */
export const MIN_MEMORY_CAP_MB = 64;
export const MAX_MEMORY_CAP_MB = 65_536;
/** Authors, and jobs, that a volunteer names in its wishes: the message stays below 16 KiB. */
export const MAX_WISHED_IDS = 64;
/** Settings in an address: with every list of wishes full, and room. */
export const MAX_SETTINGS_LINK_CHARS = 16 * KiB;
/** Of one computed item that a page makes a picture of: an image of 512 x 512 in three planes of F32, and its outputs. */
export const MAX_SAMPLE_BYTES = 4 * MiB;
/** A duty cycle is measured over this time. */
export const DUTY_WINDOW_MS = 60_000;

/** Images of one job: what 1 GiB of inputs holds at 1 KiB each. */
export const MAX_IMAGES = 1_000_000;
export const MAX_IMAGE_FILE_BYTES = 64 * MiB;
/** Pixels of one image before it is made smaller: 256 MiB while it is decoded. */
export const MAX_IMAGE_PIXELS = 64 * 1024 * 1024;
/** Extent of an image as a model takes it. */
export const MAX_IMAGE_EXTENT = 8_192;
/** Labels of a model's classes: a line each. */
export const MAX_LABELS = 100_000;
export const MAX_LABEL_FILE_BYTES = 8 * MiB;
/** One line of rows that are piped in: an item of 8 MiB as decimal numbers. */
export const MAX_ROW_CHARS = 64 * MiB;

// Serving of published models.
export const MAX_PUBLISHED_MODELS = 2_000;
export const MAX_MODELS_PER_KEY = 100;
export const MAX_MODEL_VERSIONS = 100;
/** One request to a model, and its answer: both are in memory whole. */
export const MAX_INFERENCE_BYTES = 32 * MiB;
/** Of it, what is JSON: it is read in one piece. */
export const MAX_INFERENCE_JSON_BYTES = 8 * MiB;
/** Requests to models that are waited for at once. */
export const MAX_INFERENCES = 500;
/** A request to a model that no volunteer has answered by then is given up, and nothing is paid. */
export const MAX_INFERENCE_WAIT_MS = 240_000;
/** Files of batches, which are read whole. */
export const MAX_FILE_BYTES = 64 * MiB;
export const MAX_FILES_PER_KEY = 1_000;
export const MAX_BATCH_LINES = 50_000;
/** Outputs of one batch before they are written as text, some four times as long. */
export const MAX_BATCH_OUTPUT_BYTES = 16 * MiB;
/** Lines of a file that are named when they refuse it. */
export const MAX_BATCH_ERRORS = 100;
/** Batches of one key that have not ended. */
export const MAX_OPEN_BATCHES_PER_KEY = 16;
